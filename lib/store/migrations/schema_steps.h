/* Append only: step i leads from version i to i + 1. How to write one: words.h. */
#include "store/migrations/001.h"
#include "store/migrations/002.h"
#include "store/migrations/003.h"
#include "store/migrations/004.h"
#include "store/migrations/005.h"
#include "store/migrations/006.h"
#include "store/migrations/007.h"
#include "store/migrations/008.h"
