import type { AuditAnnotation, Validation } from '@binnacle/client/kinds';
import { RuleError, admissionCompiler, invalid } from '@binnacle/schema';
import type { AdmissionCompiler, AdmissionExpression, FieldError } from '@binnacle/schema';
import { conditionsOf } from '../conditions.ts';
import type { Conditions } from '../conditions.ts';
import type { Policy } from './stored.ts';

/** A policy that is ready to judge. */
export interface CompiledPolicy {
  readonly conditions: Conditions;
  /** Binds what all but the conditions look at. */
  readonly compiler: AdmissionCompiler;
  readonly validations: readonly { readonly validation: Validation; readonly holds: AdmissionExpression; readonly message: AdmissionExpression | undefined }[];
  readonly annotations: readonly { readonly annotation: AuditAnnotation; readonly value: AdmissionExpression }[];
}

type Expressions = Pick<Policy['spec'], 'paramKind' | 'variables' | 'validations' | 'auditAnnotations'>;

/** What of a policy's variables, validations and annotations does not compile. Conditions are checked as those of webhooks. */
export function expressionErrors(spec: Expressions): readonly FieldError[] {
  const errors: FieldError[] = [];
  compileAll(spec, (field, expression, error) => errors.push(invalid(field, expression, error.message)));
  return errors;
}

const compiled = new WeakMap<Policy, CompiledPolicy>();

/** Compiles a stored policy, once. It was checked before it was stored. */
export function compiledPolicy(policy: Policy): CompiledPolicy {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const { spec } = policy;
  const all = compileAll(spec, (_field, _expression, error) => {
    throw error;
  });
  const ready = { ...all, conditions: conditionsOf(spec.matchConditions ?? [], admissionCompiler({ params: spec.paramKind !== undefined })) };
  compiled.set(policy, ready);
  return ready;
}

function compileAll(
  { paramKind, variables = [], validations = [], auditAnnotations = [] }: Expressions,
  wrong: (field: string, expression: string, error: RuleError) => void,
): Omit<CompiledPolicy, 'conditions'> {
  const compiler = admissionCompiler({ params: paramKind !== undefined });
  const attempt = <T>(field: string, expression: string, task: () => T): T | undefined => {
    try {
      return task();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      wrong(field, expression, error);
      return undefined;
    }
  };
  const expression = (field: string, text: string, ...returns: readonly string[]) => attempt(field, text, () => compiler.compile(text, returns));
  for (const [index, variable] of variables.entries())
    attempt(`spec.variables[${index}].expression`, variable.expression, () => compiler.variable(variable.name, variable.expression));
  return {
    compiler,
    validations: validations.flatMap((validation, index) => {
      const at = `spec.validations[${index}]`;
      const holds = expression(`${at}.expression`, validation.expression, 'bool');
      const { messageExpression = '' } = validation;
      const message = messageExpression.trim() === '' ? undefined : expression(`${at}.messageExpression`, messageExpression, 'string');
      return holds === undefined ? [] : [{ validation, holds, message }];
    }),
    annotations: auditAnnotations.flatMap((annotation, index) => {
      const value = expression(`spec.auditAnnotations[${index}].valueExpression`, annotation.valueExpression, 'string', 'null', 'dyn');
      return value === undefined ? [] : [{ annotation, value }];
    }),
  };
}
