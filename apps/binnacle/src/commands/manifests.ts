import { systemClock, tcpNetwork } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { Argument, Command, Option } from 'commander';
import { stringify } from 'yaml';
import { deploymentManifest } from '../deployment.ts';
import { crdManifests, namespaceManifest, rbacManifests } from '../install.ts';
import { entries, OPERATOR_NAMES } from '../operators.ts';
import type { Entry, OperatorName } from '../operators.ts';
import { operatorName } from '../options.ts';

const WHAT = ['crds', 'rbac', 'install'] as const;

/** Prints YAML for `kubectl apply -f -`. */
export function manifestsCommand(): Command {
  return new Command('manifests')
    .description('print what has to be in a cluster: CRDs, rights, or all of it')
    .addArgument(new Argument('<what>', 'crds; rbac: ServiceAccount and roles; install: all of it').choices(WHAT))
    .addArgument(new Argument('[operator]', `${OPERATOR_NAMES.join(' or ')}; absent: both`).argParser(operatorName))
    .addOption(
      new Option('--image <reference>', 'with install: image that holds this command line, to run the operators from (default: no Deployment is printed)').env(
        'BINNACLE_IMAGE',
      ),
    )
    .action((what: (typeof WHAT)[number], name: OperatorName | undefined, options: { readonly image?: string }) => {
      if (options.image !== undefined && what !== 'install') throw new Error(`--image goes with 'manifests install', not with 'manifests ${what}'`);
      process.stdout.write(manifests(what, entries(name === undefined ? OPERATOR_NAMES : [name]), options.image));
    });
}

/** The manifests as one YAML stream. */
export function manifests(what: (typeof WHAT)[number], chosen: readonly Entry[], image?: string): string {
  const rbac = (entry: Entry) => rbacManifests(entry, entry.create({ network: tcpNetwork(), clock: systemClock(), log: silentLogger }));
  const objects = [
    ...(what === 'crds' ? [] : [namespaceManifest]),
    ...(what === 'rbac' ? [] : chosen.flatMap(crdManifests)),
    ...(what === 'crds' ? [] : chosen.flatMap(rbac)),
    ...(image === undefined ? [] : chosen.map((entry) => deploymentManifest(entry, image))),
  ];
  return objects.map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
}
