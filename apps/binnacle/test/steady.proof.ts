import { test } from 'node:test';
import { steady } from './steady.ts';

test('a hundred of each kind, Ready or not: ten resyncs cost nothing, an edit of one costs what it concerns', (t) => steady(t, 100));
