import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@binnacle/client/kinds';
import { AT, login, sized, story } from './cluster-world.ts';

test('a changed Secret changes the password in Doris, also when root has one of its own; whatever characters it is made of', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql("SET PASSWORD FOR 'root' = PASSWORD('of its own')");
  for (const password of ['it\'s \\\' a "quote" -- /*', '\u00bf\u0027 OR 1=1', 'plain']) {
    const data = { user: Buffer.from('k8sopr').toString('base64'), password: Buffer.from(password).toString('base64') };
    await s.w.api.apply(Secret, { metadata: { ...AT, name: 'prod-opr-account' }, data } as never, { fieldManager: 'user', force: true });
    await s.w.until(Secret, { ...AT, name: 'prod-opr-account-applied' }, (now) => now?.data?.['password'] === data.password);
    await login(s.w, 'prod-fe-0', async () => await Promise.resolve());
  }
  await s.ready();
  assert.ok(!s.statements.some((one) => one.includes('quote') || one.includes('OR 1=1')), 'a password was sent as it is');
});
