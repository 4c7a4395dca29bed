/** Makes calls wait for each other, in the order in which they were made. */
type Task<Args extends unknown[], Result> = (...args: Args) => Promise<Result>;

export type InOrder = <Args extends unknown[], Result>(
  task: Task<Args, Result>,
) => Task<Args, Result>;

/** What is wrapped by the same one runs one after the other, whether or not it fails. */
export const makeInOrder = (): InOrder => {
  let last: Promise<unknown> = Promise.resolve();
  return (task) =>
    async (...args) => {
      const result = last.then(async () => task(...args));
      last = result.catch(() => undefined);
      return result;
    };
};
