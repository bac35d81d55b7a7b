/** The number in an image's tag or in what Doris says of itself: `[2, 0, 3]` of `2.0.3`, `fe-2.0.3-rc06` and `doris-2.0.3-rc06-37d31a5`; `undefined`: none. */
export function versionIn(text: string | undefined): readonly [number, number, number] | undefined {
  const match = /(?:^|[^\d.])(\d+)\.(\d+)\.(\d+)/.exec(text ?? '');
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Whether what runs may be what is wanted: the same number, or nothing that could be compared. */
export function sameVersion(running: string | undefined, wanted: string): boolean {
  const [a, b] = [versionIn(running), versionIn(wanted)];
  return a === undefined || b === undefined || a.join('.') === b.join('.');
}

/** `2.1 to 2.0` when what is wanted is an older minor or major version: Doris does not go back over those (spec/doris-field-notes.md §3.6). */
export function downgrade(running: string | undefined, wanted: string): string | undefined {
  const [a, b] = [versionIn(running), versionIn(wanted)];
  if (a === undefined || b === undefined) return undefined;
  const older = b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]);
  return older ? `${a[0]}.${a[1]} to ${b[0]}.${b[1]}` : undefined;
}
