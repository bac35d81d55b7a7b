import { Secret } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { configSecret } from '../objects.ts';

/** How it connects to its clusters. */
export const config = step('config', ManagementCenter, { owns: [Secret] }, async (mc, cx) => {
  await cx.apply(Secret, configSecret(mc));
  return done;
});
