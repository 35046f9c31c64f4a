/** Of Redoc's bundle, what the API page uses. */
declare module 'redoc/bundles/redoc.standalone.js' {
  interface Redoc {
    /** Draws the document into the element; `done` gets the error, if there is one. */
    init(document: object, options: object, element: Element, done: (error?: unknown) => void): void
  }
  const redoc: Redoc
  export default redoc
}
