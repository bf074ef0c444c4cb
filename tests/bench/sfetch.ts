/** Token and one query with sfetch. */
import { sfQuery } from "../../mod.ts";

const records = await sfQuery("SELECT Id, Name FROM Account LIMIT 5");
console.log(records.length);
