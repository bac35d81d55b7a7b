import { Secret } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import type { Members } from '../../protocol/members.ts';
import { entryOf, keyOf } from '../members/see.ts';
import { licenceSecret, memberImage } from '../effective.ts';

/**
 * Says which edition runs, since a licence may make that another image than the spec's. The schema fills in all other defaults, and the user's spec is never
 * edited: builders ask `memberImage`. Source: spec/hazelcast-core.md §2.3.
 */
export const defaults = (members: Members) =>
  step(
    'defaults',
    Hazelcast,
    { reads: [Secret] },
    async (hz, cx) => {
      // Said before anything can stop a pass: backups, too, reach members only when this is known.
      members.secure(keyOf(hz), entryOf(hz, await cx.get(Secret, hz.metadata.name)));
      const licensed = licenceSecret(hz.spec) !== undefined;
      cx.condition('Enterprise', licensed, licensed ? 'Licensed' : 'NoLicence', `members are to run ${memberImage(hz)}`);
      return done;
    },
    { whileInvalid: true },
  );
