import { test } from 'node:test';
import { steady } from './steady.ts';

test('once all is settled, Ready or not, the operators send nothing through ten resyncs, and an edit costs what it concerns', { timeout: 150_000 }, (t) =>
  steady(t, 2),
);
