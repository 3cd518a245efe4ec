// Objects and arrays in JSON as texts of columns, without what has no meaning in them.
#pragma once

#include "flott/column_builder.h"
#include "flott/json_scanner.h"

namespace flott {

// Appends the value that follows: no blanks, escapes only where they must be, numbers with a fraction
// as Java writes them. Gives up keys with escapes, and objects in which one may stand twice.
void compact_json(JsonScanner& in, int depth, Buffer& out);

}  // namespace flott
