import { systemClock, tcpNetwork } from '@binnacle/client';
import { OPERATOR_PARTS, silentLogger } from '@binnacle/runtime';
import { Argument, Command, Option } from 'commander';
import { stringify } from 'yaml';
import { deploymentManifests } from '../deployment.ts';
import { crdManifests, namespaceManifest, rbacManifests, SYSTEM_NAMESPACE, webhookManifestsOf } from '../install.ts';
import type { Entry } from '../entries/entry.ts';
import { OPERATOR_NAMES } from '../operator-names.ts';
import type { OperatorName } from '../operator-names.ts';
import { namespaces, operatorName, systemNamespaceOption } from '../options.ts';

const WHAT = ['crds', 'rbac', 'install'] as const;
type What = (typeof WHAT)[number];

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
    .addOption(
      new Option('--split', 'with rbac and install: controllers and webhook as two Deployments with rights of their own').env('BINNACLE_SPLIT').default(false),
    )
    .addOption(
      new Option('--namespaces <names>', 'with rbac and install: namespaces to look after, comma-separated, or all: rights are given there alone')
        .env('BINNACLE_NAMESPACES')
        .argParser(namespaces)
        .default('all'),
    )
    .addOption(systemNamespaceOption('with rbac and install: namespace of the operators, not of the clusters they look after'))
    .action(async (what: What, name: OperatorName | undefined, options: Chosen) => {
      if (options.image !== undefined && what !== 'install') throw new Error(`--image goes with 'manifests install', not with 'manifests ${what}'`);
      if (options.split && what === 'crds') throw new Error(`--split goes with 'manifests rbac' and 'manifests install'`);
      if (options.namespaces !== 'all' && what === 'crds') throw new Error(`--namespaces goes with 'manifests rbac' and 'manifests install'`);
      const { entries } = await import('../operators.ts');
      process.stdout.write(manifests(what, entries(name === undefined ? OPERATOR_NAMES : [name]), options));
    });
}

interface Chosen {
  readonly image?: string;
  readonly split: boolean;
  readonly namespaces: 'all' | readonly string[];
  readonly systemNamespace: string;
}

/** The manifests as one YAML stream. */
export function manifests(what: What, chosen: readonly Entry[], options: Partial<Chosen> = {}): string {
  const { image, namespaces = 'all', systemNamespace: namespace = SYSTEM_NAMESPACE } = options;
  const parts = options.split === true ? OPERATOR_PARTS : [undefined];
  const objects = what === 'crds' ? [] : [namespaceManifest(namespace)];
  if (what !== 'rbac') objects.push(...chosen.flatMap(crdManifests));
  for (const entry of what === 'crds' ? [] : chosen) {
    const operator = entry.create({ network: tcpNetwork(), clock: systemClock(), log: silentLogger });
    for (const part of parts) {
      const where = { namespace, ...(part === undefined ? {} : { part }), ...(namespaces === 'all' ? {} : { namespaces }) };
      objects.push(...rbacManifests(entry, operator, where));
      if (what === 'install' && part !== 'controller-manager') objects.push(...webhookManifestsOf(entry, operator, namespace, part));
      if (image !== undefined) objects.push(...deploymentManifests(entry, { image, ...where }));
    }
  }
  return objects.map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
}
