/** What an act gives, or undefined where the signal cut it short; other failures are thrown. */
export async function unlessAborted<Result>(
  signal: AbortSignal,
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await act();
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  }
}
