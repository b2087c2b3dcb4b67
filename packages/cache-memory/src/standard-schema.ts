/** What validation needs of a schema: see https://standardschema.dev (version 1). Zod, Valibot and ArkType make such. */
export interface StandardSchema {
  /** The properties that the specification defines. */
  readonly '~standard': {
    /** The version of the specification. */
    readonly version: 1
    /** Which library made it. */
    readonly vendor: string
    /** Checks a value; without issues it is valid. */
    readonly validate: (value: unknown) => ValidationResult | Promise<ValidationResult>
  }
}

/** What `validate` answers. */
export interface ValidationResult {
  /** What is wrong; absent: nothing. */
  readonly issues?: readonly unknown[] | undefined
}

/** Whether a value is what the schema describes. What the schema would make of it is not used. */
export async function isValid(schema: StandardSchema | undefined, value: unknown): Promise<boolean> {
  if (schema === undefined) return true
  const { issues } = await schema['~standard'].validate(value)
  return issues === undefined
}
