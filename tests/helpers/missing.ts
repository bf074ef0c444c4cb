import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** Why a test that needs these programs is skipped, or `false` where all of them are on the PATH. */
export function missing(...programs: string[]): string | false {
  const absent = programs.filter((program) => !onPath(program));
  return absent.length > 0 && `${absent.join(", ")} not installed`;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
