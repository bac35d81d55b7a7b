/**
 * The cluster's own controllers and kubelets: what they delete follows from what somebody else was allowed to do, and a cluster that is kept from it does not heal.
 * Evictions are another matter: whoever asks for one, a cluster autoscaler in kube-system too, is used to being told to wait.
 */
export function isBuiltIn(user: string): boolean {
  return ['system:serviceaccount:kube-system:', 'system:kube-', 'system:node:', 'system:apiserver'].some((prefix) => user.startsWith(prefix));
}

const OPERATOR = /^system:serviceaccount:[^:]+:doris-(operator|controller-manager)$/;

/** This operator, which has asked Doris before it does anything: by its ServiceAccount, or by its name in managed fields where it runs as somebody else. */
export function isOperator({ user, fieldManager }: { readonly user: string; readonly fieldManager?: string }): boolean {
  return OPERATOR.test(user) || fieldManager?.startsWith('doris-') === true;
}
