import { useCallback, useLayoutEffect, useRef } from 'react';

/** The same function for as long as the component is there; it calls the newest one that was given. */
export function useStable<Given extends readonly unknown[], Result>(
  call: (...given: Given) => Result,
): (...given: Given) => Result {
  const latest = useRef(call);
  useLayoutEffect(() => {
    latest.current = call;
  }, [call]);
  return useCallback((...given: Given) => latest.current(...given), []);
}
