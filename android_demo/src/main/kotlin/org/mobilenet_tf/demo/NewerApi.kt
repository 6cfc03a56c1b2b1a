package org.mobilenet_tf.demo

/** Marks a use of an API that Android 7.0 lacks, behind a check of `Build.VERSION.SDK_INT`; the API check skips it. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS)
annotation class NewerApi
