#ifndef TESTS_UNIT_ROWS_H
#define TESTS_UNIT_ROWS_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* One test per row of a table, which gets the row's index as *i: the parameters of
 * Criterion are copied to another process, where pointers in them are not valid.
 *
 *	TEST_ROWS(ini, value, values)
 *	{
 *		cr_expect_str_eq(f(values[*i].text), values[*i].want, "row %zu", *i);
 *	}
 */
#define TEST_ROWS(suite, name, table)                                                              \
	ParameterizedTestParameters(suite, name)                                                   \
	{                                                                                          \
		static size_t rows[sizeof(table) / sizeof((table)[0])];                            \
                                                                                                   \
		for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)                  \
			rows[row] = row;                                                           \
		return cr_make_param_array(size_t, rows, sizeof(rows) / sizeof(rows[0]));          \
	}                                                                                          \
	ParameterizedTest(size_t *i, suite, name, .timeout = 20)

#endif /* TESTS_UNIT_ROWS_H */
