/** Redoc's colours, in light and dark: those of the console (style.css). */
const FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Zen Hei', sans-serif"

interface Colours {
  ground: string
  card: string
  text: string
  quiet: string
  line: string
  link: string
  red: string
  green: string
}
const LIGHT: Colours = {
  ground: '#f4f5f7',
  card: '#ffffff',
  text: '#16202c',
  quiet: '#55616e',
  line: '#d8dde3',
  link: '#0b57b0',
  red: '#a3161c',
  green: '#12652f',
}
const DARK: Colours = {
  ground: '#10151b',
  card: '#1a2129',
  text: '#e9eef3',
  quiet: '#a4b0bc',
  line: '#323c47',
  link: '#8fc1ff',
  red: '#ff9d99',
  green: '#7fdc9a',
}

/** What Redoc takes as its option `theme`. */
export function redocTheme(theme: string): object {
  const { ground, card, text, quiet, line, link, red, green } = theme === 'dark' ? DARK : LIGHT
  return {
    colors: {
      primary: { main: link },
      success: { main: green },
      error: { main: red },
      text: { primary: text, secondary: quiet },
      border: { dark: line, light: line },
    },
    schema: { nestedBackground: ground, linesColor: line, typeNameColor: quiet, typeTitleColor: quiet },
    sidebar: { backgroundColor: ground, textColor: text, activeTextColor: link },
    rightPanel: { backgroundColor: theme === 'dark' ? card : '#263238' },
    typography: {
      fontFamily: FONT,
      fontSize: '15px',
      headings: { fontFamily: FONT },
      code: { color: red, backgroundColor: ground },
      links: { color: link, visited: link, hover: link },
    },
  }
}
