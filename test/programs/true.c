/* The smallest program there is: what an entry costs, without a dynamic loader. */
int main(void)
{
	return 0;
}
