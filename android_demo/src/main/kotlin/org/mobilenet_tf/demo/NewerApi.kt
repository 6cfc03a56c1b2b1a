package org.mobilenet_tf.demo

/** Touches what Android 7.0 has not, behind a check of `Build.VERSION.SDK_INT`; the check of the API level skips it. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS)
annotation class NewerApi
