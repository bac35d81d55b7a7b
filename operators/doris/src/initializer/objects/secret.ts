import type { Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { secretName } from '../names.ts';
import type { Initializer, Running } from './from.ts';

/** Passwords of root that are remembered: enough for a few failed changes in a row. */
const EARLIER_MAX = 4;

/** The passwords as the Job mounts them; empty: not to be set. `root-previous`: JSON, what root's password may be now. */
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
      ...(kept.length === 0 ? {} : { 'root-previous': encoded(JSON.stringify(kept)) }),
    },
  };
}

function earlierIn(text: string): readonly string[] {
  if (text === '') return [];
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
