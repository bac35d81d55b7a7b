import { timestamp } from '@binnacle/client';
import type { Condition } from '@binnacle/client';
import type { CustomObject, Resource, Schema } from '@binnacle/schema';

export interface WidgetSpec {
  readonly size: number;
  readonly colour?: string;
}

export interface WidgetStatus {
  readonly made?: number;
  readonly note?: string;
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

const schema: Schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { size: { type: 'integer', default: 1 }, colour: { type: 'string' } } },
    status: {
      type: 'object',
      properties: {
        made: { type: 'integer' },
        note: { type: 'string' },
        observedGeneration: { type: 'integer' },
        conditions: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    },
  },
};

/** The kind that the runtime's tests reconcile. */
export const Widget: Resource<WidgetSpec, WidgetStatus> = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  scope: 'Namespaced',
  singular: 'widget',
  shortNames: [],
  categories: [],
  columns: [],
  scale: undefined,
  schema,
  check: () => [],
};

export const PLACE = { namespace: 'prod', name: 'w' } as const;

/** The start of the tests' clocks, as conditions tell it. */
export const START = timestamp(1_767_225_600_000);

export type WidgetObject = CustomObject<WidgetSpec, WidgetStatus>;
