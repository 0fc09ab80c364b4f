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
#define TEST_ROWS(suite, name, table) TEST_ROWS_IN(suite, name, table, 20)

/* The same with a time limit for each row, in seconds. */
#define TEST_ROWS_IN(suite, name, table, seconds)                                                  \
	ParameterizedTestParameters(suite, name)                                                   \
	{                                                                                          \
		static size_t indices_[sizeof(table) / sizeof((table)[0])];                        \
                                                                                                   \
		for (size_t k_ = 0; k_ < sizeof(indices_) / sizeof(indices_[0]); k_++)             \
			indices_[k_] = k_;                                                         \
		return cr_make_param_array(size_t, indices_,                                       \
					   sizeof(indices_) / sizeof(indices_[0]));                \
	}                                                                                          \
	ParameterizedTest(size_t *i, suite, name, .timeout = seconds)

#endif /* TESTS_UNIT_ROWS_H */
