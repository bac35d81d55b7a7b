/**
 * The service account of a pod template, under both names that it has. Kubernetes writes the deprecated one beside the other, and believes it when that is gone: only
 * who said both can take both back (the conversion of PodSpec in Kubernetes' pkg/apis/core/v1/conversion.go).
 */
export const runsAs = (account: string | undefined): { readonly serviceAccountName?: string; readonly serviceAccount?: string } =>
  account === undefined ? {} : { serviceAccountName: account, serviceAccount: account };
