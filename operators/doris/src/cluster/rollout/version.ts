/** On the DorisCluster: the image tag, of an older minor or major version, that is wanted all the same. */
export const ALLOW_DOWNGRADE = 'al-assad.github.io/allow-downgrade';
/** On the DorisCluster: the image tag that is wanted although a minor version is left out on the way. */
export const ALLOW_VERSION_JUMP = 'al-assad.github.io/allow-version-jump';

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

/** Doris' minor versions in order, those after which upgrades are made one by one (spec/doris-field-notes.md §3.6). */
const MINORS = ['0.15', '1.0', '1.1', '1.2', '2.0', '2.1', '3.0', '3.1', '4.0', '4.1'];

/** `2.1, 3.0` when an upgrade leaves these minor versions out: Doris migrates its metadata from one to the next. `undefined`: it leaves none out, or one is unknown here. */
export function leftOut(running: string | undefined, wanted: string): string | undefined {
  const [a, b] = [versionIn(running), versionIn(wanted)];
  const [from, to] = [a, b].map((one) => (one === undefined ? -1 : MINORS.indexOf(`${one[0]}.${one[1]}`)));
  return from! < 0 || to! <= from! + 1 ? undefined : MINORS.slice(from! + 1, to).join(', ');
}
