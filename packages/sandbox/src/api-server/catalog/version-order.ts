/** Kubernetes' order of versions, the preferred first: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`, then anything else by name. */
export function byPriority(a: string, b: string): number {
  const [x, y] = [rank(a), rank(b)];
  if (x === undefined || y === undefined) return x !== undefined ? -1 : y !== undefined ? 1 : a < b ? -1 : a === b ? 0 : 1;
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor;
}

function rank(version: string): { readonly stage: number; readonly major: number; readonly minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return { stage, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}
