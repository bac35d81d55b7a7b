import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { licenceSecret, memberImage, memberRepository } from '../effective.ts';

/**
 * Says which image really runs where that is not the spec's. The schema fills in all other defaults, and the user's spec is never edited: builders ask
 * `memberImage`. Source: spec/hazelcast-core.md §2.3.
 */
export const defaults = step('defaults', Hazelcast, {}, async (hz, cx) => {
  const replaced = memberRepository(hz) !== hz.spec.repository;
  const why = licenceSecret(hz.spec) === undefined ? 'there is no licence' : 'there is a licence';
  cx.condition(
    'ImageAsSpecified',
    !replaced,
    replaced ? 'EditionByLicence' : 'AsSpecified',
    replaced ? `${why}, so members run ${memberImage(hz)}` : `members run ${memberImage(hz)}`,
  );
  return await Promise.resolve(done);
});
