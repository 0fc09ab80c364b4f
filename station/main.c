/* station: options, then the command table. */
#include <locale.h>

#include "base/file.h"
#include "cli/cmd.h"

int main(int argc, char **argv)
{
	file_hold_standard();
	setlocale(LC_CTYPE, ""); /* never LC_ALL: numbers keep their point */
	return cmd_main(argc, argv);
}
