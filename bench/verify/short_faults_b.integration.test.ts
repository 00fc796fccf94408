/** The second half of the short selection of faults; the other runs beside it. */
import { testShortFaults } from "./testing/short_faults.ts";

testShortFaults(1);
