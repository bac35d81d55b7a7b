import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { licenceSecret, memberImage } from '../effective.ts';

/**
 * Says which edition runs, since a licence may make that another image than the spec's. The schema fills in all other defaults, and the user's spec is never
 * edited: builders ask `memberImage`. Source: spec/hazelcast-core.md §2.3.
 */
export const defaults = step('defaults', Hazelcast, {}, async (hz, cx) => {
  const licensed = licenceSecret(hz.spec) !== undefined;
  cx.condition('Enterprise', licensed, licensed ? 'Licensed' : 'NoLicence', `members run ${memberImage(hz)}`);
  return await Promise.resolve(done);
});
