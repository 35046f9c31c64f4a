/** How many of these widths, from the first on, fit into the room: all, or as many as leave room for what leads to the others. */
export function fitting(widths: number[], room: number, more: number): number {
  let used = 0
  const whole = widths.reduce((sum, width) => sum + width, 0)
  if (whole <= room) return widths.length
  return widths.findIndex((width) => (used += width) > room - more)
}
