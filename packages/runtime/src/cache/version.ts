/**
 * A resourceVersion as a number: they are comparable within a kind (KEP-5504, stable since 1.35; etcd revisions before). `undefined` for what is no
 * decimal number, which only a server that is no kube-apiserver sends: nothing is waited for then.
 */
export function versionOf(resourceVersion: string | undefined): bigint | undefined {
  return resourceVersion !== undefined && /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
}
