import type { DeepReadonly, Live } from '@binnacle/client';
import type { Job, Pod, PodFailurePolicyRule } from '@binnacle/client/kinds';

type Rule = DeepReadonly<PodFailurePolicyRule>;
/** Actions that are carried out; `Count` is what happens without a rule. */
const ACTIONS = ['FailJob', 'Count'];

/** Whether a Job's failure policy says more than what is carried out here: exit codes that fail the Job at once, or count. */
export function asksForMore(job: Live<typeof Job>): boolean {
  return job.spec?.podFailurePolicy?.rules?.some((rule) => !ACTIONS.includes(rule.action) || rule.onExitCodes === undefined) === true;
}

/** Why a Job has failed by its policy; `undefined`: it has not. Of several rules the first that matches a pod decides about it. */
export function failedByPolicy(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[]): string | undefined {
  const rules = job.spec?.podFailurePolicy?.rules ?? [];
  for (const pod of pods.filter(({ status }) => status?.phase === 'Failed')) {
    for (const [index, rule] of rules.entries()) {
      const match = matching(rule, pod);
      if (match === undefined) continue;
      if (rule.action !== 'FailJob') break;
      const { namespace, name } = pod.metadata;
      return `Container ${match.name} for pod ${namespace}/${name} failed with exit code ${match.exitCode} matching FailJob rule at index ${index}`;
    }
  }
  return undefined;
}

function matching({ onExitCodes }: Rule, pod: Live<typeof Pod>): { readonly name: string; readonly exitCode: number } | undefined {
  if (onExitCodes === undefined) return undefined;
  const { containerName, operator, values } = onExitCodes;
  return endedContainers(pod).find(
    ({ name, exitCode }) => exitCode !== 0 && (containerName === undefined || containerName === name) && values.includes(exitCode) === (operator === 'In'),
  );
}

function endedContainers({ status }: Live<typeof Pod>): readonly { readonly name: string; readonly exitCode: number }[] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.flatMap(({ name, state }) => (state?.terminated === undefined ? [] : [{ name, exitCode: state.terminated.exitCode }]));
}
