"""Every number of the invented city, a file a part, each marked.

`seen`: read in a public page, a law, a standard or a calendar, or rounded from the invoices of 425 real small
enterprises in 2016–2020 without their labels (problem C of the 2020 national mathematical-modelling contest,
中小微企业的信贷决策). `recalled`: common knowledge that was not looked up. `derived`: computed from seen numbers.
`assumed`: chosen by us; nothing outside this project stands behind it.
"""
