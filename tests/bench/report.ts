import { readFileSync } from "node:fs";

/** Prints what was counted, and the peak of memory in MB where the system tells it. */
export function report(count: number): void {
  let peak = "";
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    peak = ` ${Math.round(Number(/VmHWM:\s*(\d+)/.exec(status)![1]) / 1024)}`;
  } catch {
    // not Linux
  }
  console.log(`${count}${peak}`);
}
