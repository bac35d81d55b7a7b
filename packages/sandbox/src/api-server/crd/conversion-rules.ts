import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { dnsSubdomain } from '../../objects/names.ts';
import { urlErrors } from '../hooks/url-rules.ts';
import { list, record, text } from '../object.ts';

type Fields = Readonly<Record<string, unknown>>;

const STRATEGIES: readonly unknown[] = ['None', 'Webhook'];
/** Versions of reviews that the real server knows. */
const REVIEWS = ['v1', 'v1beta1'];
const NOT_WEBHOOK = 'should not be set when strategy is not set to Webhook';

/** What is wrong with how a CRD has its objects converted. Paths are those of the real server's own form, in which a webhook has no level of its own. */
export function conversionErrors(conversion: Fields, at: string): readonly FieldError[] {
  const { strategy } = conversion;
  const { clientConfig, conversionReviewVersions } = record(conversion['webhook']);
  const [client, versions] = [`${at}.webhookClientConfig`, `${at}.conversionReviewVersions`];
  const known = STRATEGIES.includes(strategy) ? [] : [strategyError(strategy, `${at}.strategy`)];
  if (strategy !== 'Webhook') {
    return [
      ...known,
      ...(clientConfig === undefined ? [] : [forbidden(client, NOT_WEBHOOK)]),
      ...(list(conversionReviewVersions).length === 0 ? [] : [forbidden(versions, NOT_WEBHOOK)]),
    ];
  }
  const missing = clientConfig === undefined ? [required(client, 'required when strategy is set to Webhook')] : clientErrors(record(clientConfig), client);
  return [...missing, ...reviewErrors(list(conversionReviewVersions), versions)];
}

function strategyError(strategy: unknown, field: string): FieldError {
  if (strategy === undefined || strategy === '') return required(field);
  return { reason: 'FieldValueNotSupported', field, message: `Unsupported value: ${JSON.stringify(strategy)}: supported values: "None", "Webhook"` };
}

function clientErrors({ url, service }: Fields, at: string): readonly FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(at, 'exactly one of url or service is required')];
  return service === undefined ? urlErrors(text(url) ?? '', `${at}.url`) : serviceErrors(record(service), `${at}.service`);
}

function serviceErrors({ namespace, name, path, port = 443 }: Fields, at: string): readonly FieldError[] {
  return [
    // The real server mixes up the two.
    ...((text(namespace) ?? '') === '' ? [required(`${at}.name`)] : []),
    ...((text(name) ?? '') === '' ? [required(`${at}.namespace`)] : []),
    ...(Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535
      ? []
      : [invalid(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive')]),
    ...pathErrors(text(path) ?? '', `${at}.path`),
  ];
}

function pathErrors(path: string, at: string): readonly FieldError[] {
  if (path === '' || path === '/') return [];
  const empty = (index: number) => invalid(at, path, `segment[${index}] may not be empty`);
  if (path === '//') return [empty(0)];
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  return [
    ...(path.startsWith('/') ? [] : [invalid(at, path, "must start with a '/'")]),
    ...steps.flatMap((step, index) => (step === '' ? [empty(index)] : dnsSubdomain(step).map((why) => invalid(at, path, `segment[${index}]: ${why}`)))),
  ];
}

function reviewErrors(versions: readonly unknown[], at: string): readonly FieldError[] {
  if (versions.length === 0) return [required(at)];
  const twice = versions.flatMap((version, index) => (versions.indexOf(version) < index ? [invalid(`${at}[${index}]`, version, 'duplicate version')] : []));
  const known = versions.filter((version) => REVIEWS.includes(String(version)));
  if (known.length === 0) return [...twice, invalid(at, versions, `must include at least one of ${REVIEWS.join(', ')}`)];
  return known.includes('v1') ? twice : [...twice, invalid(at, versions, 'this server sends v1 only')];
}
