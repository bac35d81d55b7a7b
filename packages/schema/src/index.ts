export type { FieldError, Rule, Schema } from './structural.ts';
export type { Column, CustomObject, Declaration, Resource, Scale } from './resource.ts';
