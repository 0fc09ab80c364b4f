/* board_table -- the families of boards, a line in board.def each. */
#include "board/board.h"

#include <string.h>

#define BOARD(name) extern const struct board_driver board_##name;
#include "board/board.def"
#undef BOARD

const struct board_driver *const board_table[] = {
#define BOARD(name) &board_##name,
#include "board/board.def"
#undef BOARD
};
const size_t board_table_size = sizeof(board_table) / sizeof(board_table[0]);

const struct board_driver *board_find(const char *name)
{
	for (size_t i = 0; i < board_table_size; i++)
		if (!strcmp(board_table[i]->name, name))
			return board_table[i];
	return NULL;
}
