/** What a service manager is to run. */
export type ServiceProgram = Readonly<{
  home: string;
  words: readonly string[];
  env: Readonly<Record<string, string>>;
}>;
