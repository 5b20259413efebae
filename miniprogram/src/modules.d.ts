/** What the build makes of a page's WXML: the keys of the words it names. */
declare module "*.wxml" {
  const keys: readonly string[];
  export default keys;
}

/** The words of both languages, as `messages.mjs` takes them apart. */
declare module "virtual:words" {
  const words: Record<string, Record<string, unknown>>;
  export default words;
}
