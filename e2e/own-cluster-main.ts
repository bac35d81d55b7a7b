import { loadKubeconfig } from '@binnacle/client';
import { casesOn } from './control-plane/conformance.ts';
import { conformance } from './differences.ts';

// `KUBECONFIG=… node e2e/own-cluster-main.ts`: the conformance cases on a cluster of one's own, and what is passed over there.
const say = (line: string) => void process.stdout.write(`${line}\n`);
const cluster = loadKubeconfig({ env: process.env });
say(`${cluster.server}: cases make and delete namespaces called case-…, and definitions of groups below example.com`);
// Of versions between those that the list speaks of nobody knows which of them they are like: what is listed for any may fail, and need not.
const { ran, passed, differ, skipped, unlisted } = await casesOn({ TARGET: 'kubeconfig' }, conformance);
for (const line of skipped) say(`passed over: ${line}`);
say(
  "passed over: operators' stories, for they count rights in an audit log and serve webhooks on this machine; the differential test, for it needs a server without controllers",
);
for (const line of unlisted) say(`WRONG ${line}`);
say(`${ran} cases ran, ${passed} well, ${differ} differ as listed, ${skipped.length} passed over`);
if (unlisted.length > 0) process.exitCode = 1;
