import type { Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { secretName } from '../names.ts';
import type { Initializer, Running } from './from.ts';

/** Passwords of root that are remembered: enough for a few failed changes in a row. */
const EARLIER_MAX = 4;

/** What the Job mounts. Passwords, empty where none is to be set; `root-previous`: JSON, what root's may be now; `statements`: JSON, what is to be executed. */
export function secret({ name, spec }: Initializer, { run, wish, before }: Running): Desired<typeof Secret> {
  const root = run.parts.includes('root') ? (wish.root ?? '') : '';
  const admin = run.parts.includes('admin') ? (wish.admin ?? '') : '';
  const was = (key: string) => Buffer.from(before?.data?.[key] ?? '', 'base64').toString();
  const earlier = [was('root'), ...earlierIn(was('root-previous'))].filter((one) => one !== '' && one !== root);
  const kept = [...new Set(earlier)].slice(0, EARLIER_MAX);
  return {
    name: secretName(name),
    labels: labelsBeside(spec.cluster, 'initializer'),
    type: 'Opaque',
    data: {
      root: encoded(root),
      admin: encoded(admin),
      'root-previous': encoded(JSON.stringify(kept)),
      statements: encoded(JSON.stringify(run.parts.includes('sql') ? wish.statements : [])),
    },
  };
}

function earlierIn(text: string): readonly string[] {
  if (text === '') return [];
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
