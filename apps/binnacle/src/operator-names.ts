export const OPERATOR_NAMES = ['doris', 'hazelcast'] as const;
export type OperatorName = (typeof OPERATOR_NAMES)[number];
