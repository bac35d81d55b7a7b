import { invalid } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { CP_CLAIM, PERSISTENCE_CLAIMS, VOLUMES, jetVolume, userCodeVolume } from '../../volume-names.ts';
import type { Spec } from '../spec.ts';

/** A device that is called as a volume of the member would be mounted in its place: of the two Kubernetes takes the claim, and the member finds no configuration. */
export function* takenVolumeFaults(spec: Spec): Iterable<FieldError> {
  const taken = new Set<string>([
    ...Object.values(VOLUMES),
    ...PERSISTENCE_CLAIMS,
    CP_CLAIM,
    ...(spec.userCodeDeployment?.configMaps ?? []).map((name) => userCodeVolume(name, spec.userCodeDeployment?.triggerSequence)),
    ...(spec.jet.configMaps ?? []).map(jetVolume),
  ]);
  for (const [index, { name }] of (spec.localDevices ?? []).entries())
    if (taken.has(name)) yield invalid(`spec.localDevices[${index}].name`, name, 'a volume of the member has this name');
}
