type Defined<T extends object> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<
    T[K],
    undefined
  >;
};

/**
 * The same record without the entries that are `undefined`, for spreading
 * optional fields under `exactOptionalPropertyTypes`.
 */
export const ifDefined = <T extends object>(record: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
