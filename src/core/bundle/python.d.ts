declare module '*.py' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: it is how a runtime hands over a text file.
  export default text;
}
