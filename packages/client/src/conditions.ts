/** A condition, as nearly every kind's status lists them. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

/** What conditions are read from: any object of any kind, with or without a status. */
export interface Conditioned {
  readonly metadata?: { readonly generation?: number | undefined } | undefined;
}

/** The condition of a type, `undefined` as long as nobody has set it. */
export function conditionOf(object: Conditioned | undefined, type: string): Condition | undefined {
  // Kinds type their conditions each in its own way and some not at all; what is read here they have in common.
  const { status } = (object ?? {}) as { status?: { conditions?: readonly Condition[] | null } };
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Whether `Ready` is True and was said about the present spec, where the condition tells which one it is about. */
export function isReady(object: Conditioned | undefined): boolean {
  const ready = conditionOf(object, 'Ready');
  if (ready?.status !== 'True') return false;
  return ready.observedGeneration === undefined || ready.observedGeneration >= (object?.metadata?.generation ?? 0);
}
