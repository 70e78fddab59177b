// PS3: an agent's members are found by their state interface, by a configured pattern such as `PJSIP/<ext>`.

/** `pattern` holds `<ext>` once; `isKnown` says whether an extension is one of our people. */
export function extensionFinder(
  pattern: string,
  isKnown: (extension: string) => boolean,
): (stateInterface: string) => string | null {
  const at = pattern.indexOf('<ext>');
  const [head, tail] = [pattern.slice(0, at), pattern.slice(at + '<ext>'.length)];
  return (stateInterface) => {
    const fits = stateInterface.startsWith(head) && stateInterface.endsWith(tail);
    const extension = stateInterface.slice(head.length, stateInterface.length - tail.length);
    return fits && isKnown(extension) ? extension : null;
  };
}
